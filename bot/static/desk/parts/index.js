// Every part of the desk; each registers what it adds by `extend`.
import "./clocks.js";
import "./files.js";
import "./prepared.js";
import "./promises.js";
import "./words.js";
import "./protocol.js";
import "./together.js";
