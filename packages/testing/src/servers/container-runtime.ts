import { existsSync } from 'node:fs';
import { join } from 'node:path';

const SOCKETS = ['/var/run/docker.sock', '/run/podman/podman.sock'];

/** Does a container runtime answer here? A cheap look first: most machines have no socket. */
export async function hasContainerRuntime(): Promise<boolean> {
  const own = process.env.XDG_RUNTIME_DIR ? [join(process.env.XDG_RUNTIME_DIR, 'docker.sock')] : [];
  if (!process.env.DOCKER_HOST && ![...SOCKETS, ...own].some((path) => existsSync(path))) {
    return false;
  }
  try {
    const { getContainerRuntimeClient } = await import('testcontainers');
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}
