import { execFileSync } from 'node:child_process';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/**
 * The kernel proper out of a bzImage, which unpacks itself when it boots: half of the boot's time under emulation. qemu starts the ELF file by its
 * PVH entry. Null where it is packed in a way that we cannot undo: the bzImage boots too. Offsets: Documentation/arch/x86/boot.rst.
 */
export function unpackKernel(image: Buffer): Buffer | null {
  const setupSectors = image.readUInt8(0x1f1) || 4;
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  try {
    const kernel = decompressed(payload);
    return kernel?.subarray(0, 4).toString('latin1') === '\x7fELF' ? kernel : null;
  } catch {
    return null;
  }
}

/** The kernel's build appends the unpacked size, four bytes, to what xz and zstd wrote (scripts/Makefile.lib, size_append). */
function decompressed(payload: Buffer): Buffer | null {
  const withoutSize = payload.subarray(0, -4);
  const maxBuffer = 1 << 30;
  switch (payload.readUInt32BE(0)) {
    case 0xfd377a58:
      return execFileSync('xz', ['-dc'], { input: withoutSize, maxBuffer, stdio: ['pipe', 'pipe', 'ignore'] });
    case 0x28b52ffd:
      return zstdDecompressSync(withoutSize);
    default:
      return payload.readUInt16BE(0) === 0x1f8b ? gunzipSync(payload) : null;
  }
}
