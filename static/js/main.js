// Everything here only makes the pages quicker. Each page works with script off.
import "./keys.js";
import "./more.js";
import "./chosen.js";
import "./scan.js";
import "./grid.js";
import "./live.js";
import "./forms.js";
import "./clock.js";
import "./lock.js";
