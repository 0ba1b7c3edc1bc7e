import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { expectNoKill, type SlackStage, startSlackStage } from '../stage/slack.ts';

let stage: SlackStage;
beforeEach(async () => void (stage = await startSlackStage()));
afterEach(() => stage.close());

/** What the person is told of a kill by a name that no job has. */
async function notFound(typed: string): Promise<string> {
  await stage.type(`kill ${typed}`);
  await stage.idle();
  expectNoKill(stage);
  return JSON.stringify(stage.ephemeral().blocks);
}

it.each([
  ['f75\u2014etl on analytics', 'f75--etl', 'the name has a long dash in it, which a phone or Slack may have put there: if you typed f75--etl, write it in back-ticks; did you mean f75--etl'],
  ['f75\u2013etl', 'f75--etl', 'the name has a long dash in it, which a phone or Slack may have put there: if you typed f75-etl, write it in back-ticks; did you mean f75--etl'],
  ['ana\u2019s-job', "ana's-job", "the name has a curly quote in it, which a phone or Slack may have put there: if you typed ana's-job, write it in back-ticks; did you mean ana's-job"],
  ['<http://f74.loads.io/|f74.loads.io>', 'f74.loads.io', 'the name has a link in it, which a phone or Slack may have put there: if you typed f74.loads.io, write it in back-ticks; did you mean f74.loads.io'],
  ['nightly-elt', 'nightly-etl', 'no job named nightly-elt is running or waiting in any listed cluster; did you mean nightly-etl?'],
  ['f75\u2014etl', 'billing', 'if you typed f75--etl, write it in back-ticks'],
])('kill %j where %j runs says: %s', async (typed, job_name, words) => {
  stage.simulator.addJob({ job_name });
  const note = await notFound(typed);
  expect(note).toContain(words);
  expect(note).toContain('Not found');
});

it('three names at most are near, and none of a job that is over', async () => {
  for (const job_name of ['etl-1', 'etl-2', 'etl-3', 'etl-4', 'something-else']) stage.simulator.addJob({ job_name });
  stage.simulator.addJob({ job_name: 'etl-0', job_state: 'FINISHED' });
  expect(await notFound('etl-9')).toContain('did you mean etl-1 or etl-2 or etl-3?"');
});

it('a hostile name that is near breaks nothing', async () => {
  stage.simulator.addJob({ job_name: 'etl<!channel>' });
  const note = await notFound('"etl&lt;!channel&gt;x"');
  expect(note).toContain('etl&lt;!channel&gt;');
  expect(note).not.toContain('<!');
});
