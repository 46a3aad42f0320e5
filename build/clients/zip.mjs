// Zips as the Metadata API takes and gives them: deflated, without encryption
// and without ZIP64 (a package is 39 MB at most). Node has the compression and
// not the container.
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const local = 0x04034b50;
const central = 0x02014b50;
const end = 0x06054b50;
const utf8 = 0x0800; // the flag that says how names are written
const deflated = 8;

/** A zip of `files`, { path: Buffer or string }, in their order. */
export function zip(files) {
  const bodies = [];
  const entries = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path);
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const head = Buffer.alloc(26); // what the local and the central header have in common
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(utf8, 2);
    head.writeUInt16LE(deflated, 4);
    head.writeUInt16LE(0x21, 8); // 1980-01-01: the same bytes for the same files
    head.writeUInt32LE(crc32(data), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt16LE(name.length, 22);
    const at = Buffer.alloc(14);
    at.writeUInt32LE(offset, 10);
    bodies.push(word(local), head, name, packed);
    entries.push(word(central), half(20), head, at, name);
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const count = Object.keys(files).length;
  const tail = Buffer.concat([word(end), word(0), half(count), half(count), word(directory.length), word(offset), half(0)]);
  return Buffer.concat([...bodies, directory, tail]);
}

/** The files of a zip, { path: Buffer }; folders are left out. */
export function unzip(archive) {
  const tail = archive.lastIndexOf(word(end));
  if (tail < 0) throw new Error("This is no zip.");
  const files = {};
  let at = archive.readUInt32LE(tail + 16);
  for (let left = archive.readUInt16LE(tail + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== central) throw new Error("The zip's directory is damaged.");
    const method = archive.readUInt16LE(at + 10);
    const sum = archive.readUInt32LE(at + 16);
    const size = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const path = archive.toString("utf8", at + 46, at + 46 + nameLength);
    const head = archive.readUInt32LE(at + 42);
    const start = head + 30 + archive.readUInt16LE(head + 26) + archive.readUInt16LE(head + 28);
    const packed = archive.subarray(start, start + size);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    if (path.endsWith("/")) continue;
    const data = method === deflated ? inflateRawSync(packed) : Buffer.from(packed);
    if (crc32(data) !== sum) throw new Error(`${path} is damaged in the zip.`);
    if (path in files) throw new Error(`${path} is in the zip twice.`);
    files[path] = data;
  }
  return files;
}

function word(n) {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n);
  return b;
}

function half(n) {
  const b = Buffer.alloc(2);
  b.writeUInt16LE(n);
  return b;
}
