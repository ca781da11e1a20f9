// Stands between browser and program, and can cut every connection, as a network does.
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Relay {
  url: string; // the program's, through the relay
  cut(): void; // every connection that is open now; new ones are served
  stop(): Promise<void>;
}

export async function startRelay(url: string): Promise<Relay> {
  const { hostname, port, pathname } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    cut,
    stop() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
