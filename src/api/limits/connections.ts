import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientAddresses } from './client-address.ts';

export interface ConnectionLimits {
  /** Open connections of the whole process. */
  max: number;
  /** Of one address; trusted proxies have no such limit. */
  maxPerAddress: number;
  /** Requests of one connection under way at once. */
  maxPipelined: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { max: 10_000, maxPerAddress: 1_000, maxPipelined: 32 };

export interface Connections {
  /** Notes that a request has come whole, headers first; false when its connection has too many under way. */
  began(request: IncomingMessage, response: ServerResponse): boolean;
  /** The answer a connection waits for; null: none. */
  answerOf(socket: Socket): ServerResponse | null;
}

/** `fresh` and `idle` in the order in which their connections last did something. */
interface Room {
  /** Has sent no whole request yet. */
  fresh: Set<Socket>;
  idle: Set<Socket>;
  busy: Set<Socket>;
}

interface Guest {
  rooms: readonly Room[];
  underWay: Set<ServerResponse>;
}

/**
 * Bounds the connections of a server. A full house makes room for a newcomer by ending who has waited longest, first among those that never
 * sent a whole request, so that slow ones cannot keep others out; only where all have a request under way the newcomer is refused.
 * `turnAway` tells why and ends the connection.
 */
export function boundConnections(
  server: Server,
  clients: Pick<ClientAddresses, 'isTrusted'>,
  { max, maxPerAddress, maxPipelined }: ConnectionLimits,
  turnAway: (socket: Socket) => void,
): Connections {
  const house = newRoom();
  const rooms = new Map<string, Room>();
  const guests = new WeakMap<Socket, Guest>();

  server.on('connection', (socket: Socket) => {
    const address = clients.isTrusted(socket.remoteAddress) ? '' : (socket.remoteAddress ?? '');
    const own = rooms.get(address) ?? newRoom();
    if (!hasRoom(own, address === '' ? Infinity : maxPerAddress) || !hasRoom(house, max)) {
      turnAway(socket);
      return;
    }
    rooms.set(address, own);
    guests.set(socket, { rooms: [house, own], underWay: new Set() });
    enter('fresh', socket);
    socket.once('close', () => {
      leave(socket);
      if (sizeOf(own) === 0) rooms.delete(address);
    });
  });

  function hasRoom(room: Room, limit: number): boolean {
    if (sizeOf(room) < limit) return true;
    const longest = firstOf(room.fresh) ?? firstOf(room.idle);
    if (longest === undefined) return false;
    leave(longest);
    turnAway(longest);
    return true;
  }

  function enter(phase: keyof Room, socket: Socket): void {
    leave(socket);
    for (const room of guests.get(socket)?.rooms ?? []) room[phase].add(socket);
  }

  function leave(socket: Socket): void {
    for (const { fresh, idle, busy } of guests.get(socket)?.rooms ?? []) {
      fresh.delete(socket);
      idle.delete(socket);
      busy.delete(socket);
    }
  }

  return {
    began({ socket }, response) {
      const underWay = guests.get(socket)?.underWay;
      if (!underWay || underWay.size >= maxPipelined) return false;
      underWay.add(response);
      enter('busy', socket);
      response.once('close', () => {
        underWay.delete(response);
        if (underWay.size === 0 && !socket.destroyed) enter('idle', socket);
      });
      return true;
    },
    answerOf: (socket) => guests.get(socket)?.underWay.values().next().value ?? null,
  };
}

function newRoom(): Room {
  return { fresh: new Set(), idle: new Set(), busy: new Set() };
}

function sizeOf({ fresh, idle, busy }: Room): number {
  return fresh.size + idle.size + busy.size;
}

function firstOf(sockets: Set<Socket>): Socket | undefined {
  return sockets.values().next().value;
}
