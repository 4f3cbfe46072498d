// `node --cpu-prof` has run since before the program did, and ends with it: nothing is left to do here.
export { createProfiler } from './none.mjs';
