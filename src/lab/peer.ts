import type { ChildProcess } from 'node:child_process';

/** Requests over Node's channel between a process and the one that started it. One answer per request, events in between. */
interface Request {
  readonly call: number;
  readonly name: string;
  readonly argument: unknown;
}
interface Answer {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: string;
}

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** Serves the parent's requests. When the parent is gone, this process ends. */
export function servePeer(handlers: Handlers): void {
  process.on('disconnect', () => process.exit(1));
  process.on('message', (request: Request) => void answer(handlers, request));
}

async function answer(handlers: Handlers, { call, name, argument }: Request): Promise<void> {
  try {
    const value = await handlers[name]?.(argument as never);
    process.send?.({ call, value });
  } catch (error) {
    process.send?.({ call, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** Tells the parent something that it did not ask for. */
export function tellParent(event: object): void {
  process.send?.({ event });
}

export interface Peer {
  call<T>(name: string, argument?: unknown): Promise<T>;
}

/** Asks a child that serves. A pending request fails when the child ends. */
export function peerOf(child: ChildProcess, onEvent: (event: never) => void = () => {}): Peer {
  const open = new Map<number, (answer: Answer) => void>();
  let last = 0;
  child.on('message', (message: Answer | { readonly event: never }) => {
    if ('event' in message) return onEvent(message.event);
    open.get(message.call)?.(message);
    open.delete(message.call);
  });
  child.on('exit', (code, signal) => {
    for (const settle of open.values()) settle({ call: 0, error: `the process ended: ${signal ?? `exit status ${code}`}` });
    open.clear();
  });
  return {
    call: <T>(name: string, argument: unknown = null) =>
      new Promise<T>((resolve, reject) => {
        const call = ++last;
        open.set(call, (reply) => (reply.error === undefined ? resolve(reply.value as T) : reject(new Error(reply.error))));
        child.send({ call, name, argument } satisfies Request);
      }),
  };
}
