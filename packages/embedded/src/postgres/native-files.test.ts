import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyNative, findNativeFolder, linkLibraries } from './native-files.ts';

describe('the files of the npm package', () => {
  let folder: string;
  let native: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clearinghouse-native-'));
    native = join(folder, 'native');
    mkdirSync(join(native, 'lib'), { recursive: true });
    writeFileSync(join(native, 'lib/libx.so.1.2'), 'library');
    const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }];
    writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are there for this machine', () => {
    expect(existsSync(join(findNativeFolder(), 'bin/initdb'))).toBe(true);
  });

  it('get the links that the install script would have made, once', () => {
    expect(linkLibraries(native)).toBe(true);
    expect(readlinkSync(join(native, 'lib/libx.so.1'))).toBe('libx.so.1.2');
    expect(linkLibraries(native)).toBe(true);
  });

  it('are copied whole, and linked, and not copied again', () => {
    const copy = copyNative(native, join(folder, 'deep/copy'));
    expect(readFileSync(join(copy, 'lib/libx.so.1.2'), 'utf8')).toBe('library');
    rmSync(native, { recursive: true });
    expect(copyNative(native, copy)).toBe(copy);
  });

  it('are copied again when the package has another version', () => {
    writeFileSync(join(folder, 'package.json'), '{"version":"18.4.0"}');
    const copy = copyNative(native, join(folder, 'copy'));
    writeFileSync(join(native, 'lib/libx.so.1.2'), 'newer');
    writeFileSync(join(folder, 'package.json'), '{"version":"18.5.0"}');
    copyNative(native, copy);
    expect(readFileSync(join(copy, 'lib/libx.so.1.2'), 'utf8')).toBe('newer');
  });

  it('can be read by everyone in a copy, whatever the umask of the installation', () => {
    chmodSync(join(native, 'lib'), 0o700);
    chmodSync(join(native, 'lib/libx.so.1.2'), 0o700);
    const copy = copyNative(native, join(folder, 'copy'));
    expect(statSync(join(copy, 'lib')).mode & 0o777).toBe(0o755);
    expect(statSync(join(copy, 'lib/libx.so.1.2')).mode & 0o777).toBe(0o755);
    expect(statSync(join(copy, 'pg-symlinks.json')).mode & 0o777).toBe(0o644);
  });

  it('are copied anew over a copy that was cut off', () => {
    mkdirSync(join(folder, 'copy'));
    writeFileSync(join(folder, 'copy/half'), '');
    const copy = copyNative(native, join(folder, 'copy'));
    expect(existsSync(join(copy, 'half'))).toBe(false);
    expect(existsSync(join(copy, 'lib/libx.so.1.2'))).toBe(true);
  });
});
