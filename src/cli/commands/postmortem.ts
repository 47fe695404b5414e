import { diagnose } from '#engines/diagnosis/index.ts';
import { postmortem } from '#reports/postmortem.ts';
import { exitStatus, type RegisterCommand, UserError } from '../command.ts';
import { openSource } from '../source.ts';

export const register: RegisterCommand = (command, run) => {
  command
    .argument('[source]', 'a snapshot or a folder of dumps; left out: this node')
    .option('--lang <language>', 'en or zh', 'en')
    .action((source: string | undefined, { lang }: { readonly lang: string }) =>
      run((io) => {
        if (lang !== 'en' && lang !== 'zh') throw new UserError(`--lang: found '${lang}', expected en or zh`);
        io.out(postmortem(diagnose(openSource(source)), lang));
        return exitStatus.clean;
      }),
    );
};
