//! Tongsuo 8.5: built once from the source that crates.io carries, then driven through its command line.

use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;

/// Cipher suite and group of RFC 8998, as the command line names them.
pub const SM: [&str; 5] = ["-tls1_3", "-ciphersuites", "TLS_SM4_GCM_SM3", "-curves", "SM2"];

/// The program, and the folder in which it runs.
pub struct Tongsuo {
    program: PathBuf,
    folder: PathBuf,
}

impl Tongsuo {
    /// Builds the program below `target` unless it is there (about four minutes of processor time; needs perl, make
    /// and a C compiler), and empties the folder for a run.
    pub fn prepare(target: &Path) -> io::Result<Self> {
        let source = target.join("tongsuo");
        let program = source.join("apps/openssl");
        if !program.exists() {
            copy(&tongsuo_src::source_dir(), &source)?;
            let steps: [(&str, &[&str]); 3] = [
                ("perl", &["./Configure", "no-shared", "no-module", "no-tests", "no-dso", "no-engine", "no-legacy"]),
                ("make", &["build_generated"]),
                ("make", &["-j2", "apps/openssl"]),
            ];
            for (tool, arguments) in steps {
                eprintln!("building Tongsuo: {tool} {}", arguments.join(" "));
                let log = fs::File::create(target.join("build.log"))?;
                let status = Command::new(tool)
                    .args(arguments)
                    .current_dir(&source)
                    .stderr(log.try_clone()?)
                    .stdout(log)
                    .status()?;
                if !status.success() {
                    return Err(io::Error::other(format!("{tool} failed: see {}/build.log", target.display())));
                }
            }
        }
        let folder = target.join("run");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Self { program: program.canonicalize()?, folder })
    }

    /// A file of this run.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder).env("OPENSSL_CONF", "/dev/null");
        command
    }

    /// Runs to the end; what it printed when it fails.
    pub fn run(&self, arguments: &[&str]) -> Result<(), String> {
        let Output { status, stdout, stderr } = self.command(arguments).output().map_err(|error| error.to_string())?;
        let text = || format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        status.success().then_some(()).ok_or_else(|| format!("{}: {}", arguments[0], text()))
    }

    /// `s_server` that answers each line with the line reversed; ready when it says so.
    pub fn server(&self, port: u16, arguments: &[&str]) -> Running {
        let port = port.to_string();
        let fixed = ["s_server", "-accept", &port, "-rev", "-naccept", "1"];
        let child = self
            .command(&[&fixed[..], &SM, arguments].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("s_server");
        Running::new(child)
    }

    /// `s_client` that sends `input` and prints what it gets until the connection ends.
    pub fn client(&self, port: u16, arguments: &[&str], input: Vec<u8>) -> Running {
        let address = format!("127.0.0.1:{port}");
        let fixed = ["s_client", "-connect", &address, "-quiet", "-no_ign_eof", "-verify_quiet", "-nocommands"];
        let mut child = self
            .command(&[&fixed[..], arguments].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("s_client");
        let mut stdin = child.stdin.take().expect("piped");
        // Ends when the input is written or the client is gone; it stays open so that the client awaits the answer.
        std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
            std::thread::sleep(std::time::Duration::from_secs(20));
        });
        Running::new(child)
    }
}

/// A process of this run, ended with it. Its output is read all the time, so that it never waits for us.
pub struct Running {
    child: Child,
    printed: Option<JoinHandle<Vec<u8>>>,
    errors: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    fn new(mut child: Child) -> Self {
        let printed = child.stdout.take().map(collect);
        let errors = child.stderr.take().map(collect);
        Self { child, printed, errors }
    }

    /// Waits for its end; what it printed, and what it complained about.
    pub fn output(mut self) -> (Vec<u8>, String) {
        let wait =
            |stream: Option<JoinHandle<Vec<u8>>>| stream.and_then(|stream| stream.join().ok()).unwrap_or_default();
        let printed = wait(self.printed.take());
        (printed, String::from_utf8_lossy(&wait(self.errors.take())).into_owned())
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    })
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?
        } else {
            fs::copy(entry.path(), target).map(|_| ())?
        }
    }
    Ok(())
}
