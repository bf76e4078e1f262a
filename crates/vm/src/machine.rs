//! The engine and one call on it.
//!
//! Every executor thread owns a [`Machine`] with an engine of its own: two threads on one engine are slower than one.
//! Nothing here is a consensus rule; compiled code is private to the node and never trusted from elsewhere.

use crate::artefacts::Artefacts;
use crate::host::{self, CallContext, Exit, Frame, HostState};
use crate::instrument::{GAS_EXPORT, NATIVE_STACK_BYTES, STACK_EXPORT, start_gas};
use crate::lend::{Lent, lend};
use crate::limits::{CALL_DEPTH_MAX, MEMORY_PAGES_MAX, STACK_UNITS_MAX, TABLE_ELEMENTS_MAX};
use crate::outcome::{Failure, Fault, Outcome, Trap};
use lru::LruCache;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, InstancePre, Linker, Module, ModuleExport, OptLevel,
    PoolingAllocationConfig, Store, Val,
};

const MEMORY_BYTES: usize = (MEMORY_PAGES_MAX as usize) << 16;
/// Bytes that a compiled module takes besides its image: its tables, names and place in the cache.
const MODULE_BYTES: usize = 16 << 10;
/// Slots of the pool. Calls within each other need one each, at most [`CALL_DEPTH_MAX`]; the others keep the memory images of contracts called lately mapped.
const POOL_SLOTS: u32 = 64;

/// What one call's instructions may take of the native stack, in bytes.
pub const ENGINE_STACK_BYTES: usize = NATIVE_STACK_BYTES;

/// What a thread must have as native stack, in bytes, to run calls that call each other: for each of
/// [`CALL_DEPTH_MAX`] the engine's part and as much for the host. Every call has all its stack units, so that none fails
/// for what its caller used up.
pub const THREAD_STACK_BYTES_MIN: usize = 2 * CALL_DEPTH_MAX * ENGINE_STACK_BYTES;

/// Names instrumented code: the same code under another instrumenter is other code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeKey {
    /// SM3 of the code as deployed.
    pub code_hash: [u8; 32],
    /// [`crate::INSTRUMENTER_VERSION`] of its record.
    pub instrumenter_version: u32,
}

/// A contract, compiled for one [`Machine`].
pub struct CompiledModule {
    template: InstancePre<Frame>,
    memory: ModuleExport,
    gas: ModuleExport,
    stack: ModuleExport,
    entries: BTreeMap<String, ModuleExport>,
    start_gas: u64,
    /// Bytes of memory that it takes.
    bytes: usize,
}

impl std::fmt::Debug for CompiledModule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompiledModule").field("entries", &self.entries.keys()).finish_non_exhaustive()
    }
}

impl CompiledModule {
    /// Names of the entries, sorted.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

/// One call of one entry.
pub struct Call<'a> {
    /// The contract, from [`Machine::load`] of the same machine.
    pub module: &'a CompiledModule,
    /// Name of the entry.
    pub entry: &'a str,
    /// Argument bytes.
    pub input: &'a [u8],
    /// Gas that the call may use.
    pub gas_limit: u64,
    /// Facts that the chain gives.
    pub context: CallContext,
    /// State, events, identities. What a failed call wrote to it is for the caller to discard.
    pub host: &'a mut dyn HostState,
}

/// An engine, the host's functions on it, and the contracts compiled lately.
pub struct Machine {
    engine: Engine,
    linker: Linker<Frame>,
    /// Borrowed for a look-up only, never while code is compiled or runs: a call may load what it calls.
    modules: RefCell<Modules>,
    artefacts: RefCell<Option<Artefacts>>,
    compiled: Cell<u64>,
}

/// Compiled contracts in memory, by use.
struct Modules {
    bytes_max: usize,
    bytes: usize,
    kept: LruCache<CodeKey, Arc<CompiledModule>>,
}

impl Modules {
    /// Keeps `module` and drops those not used longest; the newest stays whatever its size.
    fn put(&mut self, key: CodeKey, module: Arc<CompiledModule>) {
        self.bytes += module.bytes;
        if let Some(before) = self.kept.put(key, module) {
            self.bytes -= before.bytes;
        }
        while self.bytes > self.bytes_max && self.kept.len() > 1 {
            if let Some((_, oldest)) = self.kept.pop_lru() {
                self.bytes -= oldest.bytes;
            }
        }
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("modules", &self.modules.borrow().kept.len()).finish_non_exhaustive()
    }
}

impl Machine {
    /// Starts an engine that keeps at most `bytes_max` bytes of compiled contracts in memory, and always the newest
    /// one. One takes some hundred kilobytes; the worst that can be deployed some megabytes.
    ///
    /// # Errors
    /// [`Fault::Engine`]: the settings do not work on this machine.
    pub fn new(bytes_max: usize) -> Result<Self, Fault> {
        let engine = Engine::new(&settings()).map_err(|e| Fault::Engine(e.into()))?;
        let linker = host::linker(&engine).map_err(|e| Fault::Engine(e.into()))?;
        let modules = Modules { bytes_max, bytes: 0, kept: LruCache::unbounded() };
        let (modules, artefacts) = (RefCell::new(modules), RefCell::new(None));
        Ok(Self { engine, linker, modules, artefacts, compiled: Cell::new(0) })
    }

    /// Keeps what it compiles in `artefacts` as well, and looks there before it compiles.
    #[must_use]
    pub fn with_artefacts(self, artefacts: Artefacts) -> Self {
        self.artefacts.replace(Some(artefacts));
        self
    }

    /// How many modules it has compiled: work that a cache is there to save.
    pub fn compiled(&self) -> u64 {
        self.compiled.get()
    }

    /// The module under `key`, if it is in memory or among the artefacts.
    pub fn loaded(&self, key: &CodeKey) -> Option<Arc<CompiledModule>> {
        if let Some(module) = self.modules.borrow_mut().kept.get(key) {
            return Some(Arc::clone(module));
        }
        let (module, start_gas) = self.artefacts.borrow_mut().as_mut()?.read(&self.engine, key)?;
        self.link(&module, start_gas).ok().map(|module| self.keep(*key, module))
    }

    /// Compiles `instrumented`, the output of [`crate::prepare`], unless `key` is loaded already. Takes milliseconds
    /// when it compiles, and at most some hundred for the worst module that can be deployed.
    ///
    /// # Errors
    /// [`Fault::Compile`], [`Fault::NotInstrumented`]: the bytes are not what `prepare` made.
    pub fn load(&self, key: CodeKey, instrumented: &[u8]) -> Result<Arc<CompiledModule>, Fault> {
        if let Some(module) = self.loaded(&key) {
            return Ok(module);
        }
        let start_gas = start_gas(instrumented).map_err(|e| Fault::Compile(e.into()))?;
        self.compiled.set(self.compiled.get() + 1);
        let module = Module::from_binary(&self.engine, instrumented).map_err(|e| Fault::Compile(e.into()))?;
        let linked = self.link(&module, start_gas)?;
        if let Some(artefacts) = self.artefacts.borrow_mut().as_mut() {
            artefacts.write(&self.engine, &key, &module, start_gas);
        }
        Ok(self.keep(key, linked))
    }

    fn keep(&self, key: CodeKey, module: CompiledModule) -> Arc<CompiledModule> {
        let module = Arc::new(module);
        self.modules.borrow_mut().put(key, Arc::clone(&module));
        module
    }

    fn link(&self, module: &Module, start_gas: u64) -> Result<CompiledModule, Fault> {
        let export = |name| module.get_export_index(name).ok_or(Fault::NotInstrumented);
        let mut entries = BTreeMap::new();
        for item in module.exports().filter(|item| item.ty().func().is_some()) {
            entries.insert(item.name().to_owned(), export(item.name())?);
        }
        Ok(CompiledModule {
            memory: export("memory")?,
            gas: export(GAS_EXPORT)?,
            stack: export(STACK_EXPORT)?,
            entries,
            start_gas,
            bytes: MODULE_BYTES + image_bytes(module),
            template: self.linker.instantiate_pre(module).map_err(|e| Fault::Compile(e.into()))?,
        })
    }

    /// Runs one call in a fresh instance. Its host may run others on the same machine before this one ends, at most
    /// [`CALL_DEPTH_MAX`] within each other; a module that the cache drops meanwhile lives as long as its call.
    ///
    /// The thread needs [`THREAD_STACK_BYTES_MIN`] bytes of stack, or twice [`ENGINE_STACK_BYTES`] when the host runs no
    /// others.
    ///
    /// # Errors
    /// [`Fault`]: this node could not find out what the call does.
    pub fn call(&self, call: Call<'_>) -> Result<Outcome, Fault> {
        let Call { module, entry, input, gas_limit, context, host } = call;
        if !Engine::same(&self.engine, module.template.module().engine()) {
            return Err(Fault::ForeignModule);
        }
        // The counter is signed; no limit that a block admits comes near.
        let gas_limit = gas_limit.min(i64::MAX as u64);
        let Some(gas) = gas_limit.checked_sub(module.start_gas) else {
            return Ok(Outcome::Failed { failure: Failure::OutOfGas, gas_used: gas_limit });
        };
        let Some(entry) = module.entries.get(entry) else {
            return Ok(Outcome::Failed { failure: Failure::UnknownEntry, gas_used: module.start_gas });
        };
        let end = lend(host, input, |lent| self.run(module, entry, gas, context, lent))?;
        let gas_used = gas_limit - end.gas_left;
        Ok(match end.result {
            Ok(output) => Outcome::Success { output, gas_used },
            Err(failure) => Outcome::Failed { failure, gas_used },
        })
    }

    /// The store lives and dies in here, and [`Lent`] with it.
    fn run(
        &self,
        module: &CompiledModule,
        entry: &ModuleExport,
        gas_limit: u64,
        context: CallContext,
        lent: Lent,
    ) -> Result<End, Fault> {
        let mut store = Store::new(&self.engine, Frame::new(lent, context));
        let instance = module.template.instantiate(&mut store).map_err(|e| Fault::Instance(e.into()))?;
        let memory = instance.get_module_export(&mut store, &module.memory).and_then(|e| e.into_memory());
        let gas = instance.get_module_export(&mut store, &module.gas).and_then(|e| e.into_global());
        let stack = instance.get_module_export(&mut store, &module.stack).and_then(|e| e.into_global());
        let entry = instance.get_module_export(&mut store, entry).and_then(|e| e.into_func());
        let (Some(memory), Some(gas), Some(stack), Some(entry)) = (memory, gas, stack, entry) else {
            return Err(Fault::NotInstrumented);
        };
        store.data_mut().memory = Some(memory);
        store.data_mut().gas = Some(gas);
        let counters = [(gas, gas_limit), (stack, STACK_UNITS_MAX)];
        for (counter, units) in counters {
            counter.set(&mut store, Val::I64(units.cast_signed())).map_err(|_| Fault::NotInstrumented)?;
        }
        let entry = entry.typed::<(), i32>(&store).map_err(|_| Fault::NotInstrumented)?;

        let result = entry.call(&mut store, ());
        let [gas_left, stack_left] = counters.map(|(counter, _)| counter.get(&mut store).i64().unwrap_or(-1));
        let frame = store.into_data();
        let result = match (result, frame.exit) {
            (_, Some(Exit::Fault(fault))) => return Err(Fault::Host(fault)),
            (_, Some(Exit::Failure(failure))) => Err(failure),
            (Ok(0), None) => Ok(frame.output),
            (Ok(status), None) => Err(Failure::Returned { status }),
            (Err(_), None) if gas_left < 0 => Err(Failure::OutOfGas),
            (Err(_), None) if stack_left < 0 => Err(Failure::StackOverflow),
            (Err(error), None) => Err(Failure::Trap(trap(error)?)),
        };
        Ok(End { result, gas_left: gas_left.max(0).cast_unsigned() })
    }
}

/// Bytes of a module's image, and of the copy of its data from which instances start.
fn image_bytes(module: &Module) -> usize {
    let image = module.image_range();
    2 * (image.end.addr() - image.start.addr())
}

struct End {
    result: Result<Vec<u8>, Failure>,
    gas_left: u64,
}

/// The canonical kind of a trap that the contract caused, with both counters in order.
fn trap(error: wasmtime::Error) -> Result<Trap, Fault> {
    use wasmtime::Trap as T;
    match error.downcast_ref::<T>() {
        Some(T::UnreachableCodeReached) => Ok(Trap::Unreachable),
        Some(T::MemoryOutOfBounds) => Ok(Trap::MemoryOutOfBounds),
        Some(T::TableOutOfBounds | T::IndirectCallToNull | T::BadSignature) => Ok(Trap::IndirectCall),
        Some(T::IntegerDivisionByZero) => Ok(Trap::DivisionByZero),
        Some(T::IntegerOverflow) => Ok(Trap::IntegerOverflow),
        Some(T::StackOverflow) => Err(Fault::NativeStack),
        _ => Err(Fault::Unexpected(error.into())),
    }
}

fn settings() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(POOL_SLOTS)
        .total_memories(POOL_SLOTS)
        .total_tables(POOL_SLOTS)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .table_elements(TABLE_ELEMENTS_MAX as usize)
        .max_memory_size(MEMORY_BYTES)
        // Where the kernel can tell which pages a call touched, only those are cleared after it; elsewhere the whole
        // memory is, which costs more but never asks the kernel for pages again.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(MEMORY_BYTES)
        .table_keep_resident(64 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        // Bounds checks in code instead of 4 GiB of addresses for each slot.
        .memory_reservation(MEMORY_BYTES as u64)
        .memory_guard_size(64 << 10)
        .memory_may_move(false)
        // A few bytes of data here and there become no image of all that lies between: 18 KB of code would be 4 MB to
        // keep and to read.
        .memory_guaranteed_dense_image_size(64 << 10)
        .max_wasm_stack(NATIVE_STACK_BYTES)
        // Moving values out of loops makes a 40 KB module that is within every limit compile for a second and need
        // kilobytes of stack for an activation, and does nothing for contracts, whose time goes to the host.
        .cranelift_opt_level(OptLevel::None)
        // Metering is in the code, and receipts never tell an engine's text.
        .consume_fuel(false)
        .epoch_interruption(false)
        .wasm_backtrace_max_frames(None)
        // Nor does anyone ask from which instruction: tables that only cost time to make, to keep and to read.
        .native_unwind_info(false)
        .generate_address_map(false);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_can_move_to_its_thread() {
        fn send<T: Send>() {}
        send::<Machine>();
        send::<Arc<CompiledModule>>();
    }
}
