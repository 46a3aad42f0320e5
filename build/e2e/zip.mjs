// A zip of a few small files, stored as they are.
const table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

const crc32 = (bytes) => (bytes.reduce((c, byte) => table[(c ^ byte) & 0xff] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

/** The bytes of a zip that holds files by name (APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16). */
export function zipped(files) {
  const local = [];
  const central = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const path = Buffer.from(name);
    const data = Buffer.from(text);
    const same = Buffer.alloc(26); // from the version needed to the length of the extra field
    same.writeUInt16LE(20, 0);
    same.writeUInt16LE(0x21, 8); // 1 January 1980
    same.writeUInt32LE(crc32(data), 10);
    same.writeUInt32LE(data.length, 14);
    same.writeUInt32LE(data.length, 18);
    same.writeUInt16LE(path.length, 22);
    local.push(Buffer.from("PK\x03\x04", "latin1"), same, path, data);
    const end = Buffer.alloc(14); // from the length of the comment to the offset
    end.writeUInt32LE(at, 10);
    central.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), same, end, path);
    at += 4 + same.length + path.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}
