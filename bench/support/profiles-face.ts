/** What is done with profiles that were taken: built to dist/bench/, not published. */
export { diffTable } from '../../src/analyze/diff.ts';
export { flameData } from '../../src/analyze/flame-data.ts';
export { flameLayout } from '../../src/analyze/flame-layout.ts';
export { flameTree } from '../../src/analyze/flame-tree.ts';
export { topTable } from '../../src/analyze/top.ts';
export { decodeProfile } from '../../src/profile/decode-profile.ts';
export { encodeProfile } from '../../src/profile/encode-profile.ts';
export { mergeProfiles } from '../../src/profile/merge-profiles.ts';
