/** A command as this user would type it: npm and npx set npm_execpath. */
export function commandLine(...words: readonly (string | undefined)[]): string {
  const program = process.env['npm_execpath'] === undefined ? 'faultline' : 'npx faultline';
  return [program, ...words.filter((word) => word !== undefined)].join(' ');
}
