/** Bytes for people: `1536` is `1.5 KB` (powers of 1,000, as disks are sold). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let i = 0;
  while (value >= 999.5 && i < units.length - 1) {
    value /= 1000;
    i++;
  }
  return `${i === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[i]}`;
}

/** Seconds for people: `75` is `1 min 15 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** Counts for people: `147456` is `147,456`. */
export function formatCount(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}
