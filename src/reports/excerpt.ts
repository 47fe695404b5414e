const framings: readonly RegExp[] = [
  /^\d{4}-\d\d-\d\dT\S+ (stdout|stderr) [FP] /,
  /^\d+,\d+,\d+,[^;]*;/,
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ (?=\[)/,
  /^\[\d+:\d+\] (?=-A )/,
  /-m comment --comment "cali:[\w-]{16}" /,
];

/** What a cited line says, for a narrow column: without the framing of container runtime and kernel, rule counters and Calico's hashes. */
export function excerpt(text: string): string {
  return framings.reduce((rest, framing) => rest.replace(framing, ''), text.trim());
}
