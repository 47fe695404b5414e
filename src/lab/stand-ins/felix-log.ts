/** One line as Felix v3.18 logs it: time in UTC, level, process, file and line, message and fields. */
export function felixLine(level: 'INFO' | 'WARNING' | 'ERROR' | 'PANIC', place: string, message: string): string {
  const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
  return `${time} [${level}][${process.pid}] felix/${place}: ${message}\n`;
}
