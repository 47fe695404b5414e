import type { RegisterCommand } from '../command.ts';

export const register: RegisterCommand = (command, run) => {
  command.action(() =>
    run(() => {
      throw new Error('not built yet');
    }),
  );
};
