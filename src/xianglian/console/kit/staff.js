// A tab whose session has ended (signed out elsewhere, node started anew) loads again, which leads to signing in.
let missed = 0;
setInterval(async () => {
  if (!window.socket || window.socket.connected || document.hidden) {
    missed = 0;
    return;
  }
  try {
    const answer = await fetch("/console/alive", {method: "HEAD"});
    missed += 1;
    if (answer.status === 401 || missed > 4) location.reload();
  } catch {
    missed = 0; // the node does not answer at all: wait for it
  }
}, 2500);
