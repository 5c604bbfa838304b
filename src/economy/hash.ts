// A small keyed hash for breaking ties and naming children. It is not cryptographic: the key (a
// hash of the world's seed and the parent commit) is unknown while bids are placed, so that is
// enough. Mixing as in MurmurHash3's 32-bit finaliser (Appleby, public domain), two lanes for 53
// bits.

/** A number in [0, 2^53) from a key and a text. The same on every machine. */
export function keyedHash(key: string, text: string): number {
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  const input = `${key}\u0000${text}`;
  for (let i = 0; i < input.length; i++) {
    const unit = input.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    high = Math.imul(high ^ unit, 0xc2b2ae35);
    low ^= low >>> 13;
    high ^= high >>> 16;
  }
  low = finalise(low ^ Math.imul(high, 0x27d4eb2f));
  high = finalise(high ^ Math.imul(low, 0x165667b1));
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}

/** A short lower-case tag of the same: for ids. */
export function shortHash(key: string, text: string): string {
  return keyedHash(key, text).toString(36).padStart(11, "0").slice(-5);
}

function finalise(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
