import type { connectMrs, MrsConnection } from './connect.ts';
import type { Credentials } from './credentials.ts';
import type { Mrs } from './mrs.ts';

/** As connectMrs, but its code is loaded when MRS or IAM is first called: what is answered without them does not wait for it. */
export function connectLater(parts: Parameters<typeof connectMrs>[0]): MrsConnection {
  let connection: MrsConnection | undefined;
  const open = async (): Promise<MrsConnection> => {
    const loaded = await import('./connect.ts');
    return (connection ??= loaded.connectMrs(parts));
  };
  const connect = async (): Promise<MrsConnection> => connection ?? open();
  const credentials: Credentials = {
    authorize: async (...given) => (await connect()).credentials.authorize(...given),
    renew: (...given) => connection?.credentials.renew(...given) ?? false, // who has nothing to renew was never authorized
  };
  return { credentials, mrsAs: (as) => mrsLater(async () => (await connect()).mrsAs(as)) };
}

function mrsLater(open: () => Promise<Mrs>): Mrs {
  let opened: Mrs | undefined;
  let opening: Promise<Mrs> | undefined;
  const mrs = async (): Promise<Mrs> => (opened = await (opening ??= open()));
  return {
    job: async (...given) => (await mrs()).job(...given),
    async *activeJobs(...given) {
      yield* (await mrs()).activeJobs(...given);
    },
    recentJobs: async (...given) => (await mrs()).recentJobs(...given),
    async *clusters(...given) {
      yield* (await mrs()).clusters(...given);
    },
    kill: async (...given) => (await mrs()).kill(...given),
    clockSkewMs: (cluster) => opened?.clockSkewMs(cluster),
  };
}
