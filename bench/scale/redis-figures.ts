import { Redis } from 'ioredis';

export interface RedisFigures {
  commands: number;
  cpuS: number;
  peakMb: number;
}

/** What a Redis has done so far. */
export async function redisFigures(url: string): Promise<RedisFigures> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    const info = await redis.info();
    const of = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
    return {
      commands: of('total_commands_processed'),
      cpuS: of('used_cpu_user') + of('used_cpu_sys'),
      peakMb: of('used_memory_peak') / 2 ** 20,
    };
  } finally {
    redis.disconnect();
  }
}
