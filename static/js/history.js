// A form that comes back with something to put right is the answer to a POST, and a browser writes what was sent
// into its record of open tabs. Naming the same address again makes it an ordinary visit: nothing sent is kept. The page
// waits for this file, which is why it stands alone.
history.replaceState(history.state, "", location.href);
