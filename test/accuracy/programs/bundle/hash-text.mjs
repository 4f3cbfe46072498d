/**
 * A comment that minifying drops, so that lines move.
 */
export function hashText(rounds) {
  let hash = rounds | 1;

  const salt = hash >>> 3;
  for (let round = 0; round < rounds; round++) hash = (Math.imul(hash, 1103515245) + salt) | 0; // @burn hashText

  return hash;
}
