// Pictures as merchants have them, drawn here: no file is fetched from anywhere.
import zlib from "node:zlib";

const SIDE = 480;

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Node 20 has no `zlib.crc32` in its earlier versions. */
function crc(body) {
  if (zlib.crc32) return zlib.crc32(body);
  let rest = 0xffffffff;
  for (const byte of body) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return (rest ^ 0xffffffff) >>> 0;
}

const drawn = new Map();

/** A round thing on a soft ground, in colours of its name. */
export function picture(name) {
  if (!drawn.has(name)) drawn.set(name, draw(name));
  return drawn.get(name);
}

function draw(name) {
  const seed = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7);
  const hue = (shift) => [0, 1, 2].map((n) => Math.round(128 + 88 * Math.sin(seed / 20 + shift + n * 2.1)));
  const [thing, ground] = [hue(0), hue(2).map((one) => 200 + Math.round(one / 5))];
  const rows = Buffer.alloc(SIDE * (SIDE * 3 + 1));
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < SIDE; x += 1) {
      const inside = Math.hypot(x - SIDE / 2, y - SIDE / 2) < SIDE * 0.32;
      const shade = 1 - (inside ? 0.35 : 0.08) * (y / SIDE);
      const colour = inside ? thing : ground;
      for (let n = 0; n < 3; n += 1) rows[y * (SIDE * 3 + 1) + 1 + x * 3 + n] = colour[n] * shade;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(SIDE, 0);
  head.writeUInt32BE(SIDE, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", zlib.deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
