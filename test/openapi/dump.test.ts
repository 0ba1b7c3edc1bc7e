import { it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { SENDERS } from '../alerts/senders.ts';
import { collectAlertAnswers } from './alert-answers.ts';
import { collectRestAnswers } from './rest-answers.ts';
import { collectSlackAnswers } from './slack-answers.ts';
it('dumps', async () => {
  const t=Date.now();
  const rest = await collectRestAnswers(); const t1=Date.now();
  const ex = Object.fromEntries(Object.keys(SENDERS).map((n) => [n, JSON.parse(readFileSync(`test/fixtures/alerts/${n}/stuck-job.json`, 'utf8'))]));
  const alerts = await collectAlertAnswers(ex); const t2=Date.now();
  const slack = await collectSlackAnswers({ command: { user_id: 'U012AB3CD', team_id: 'T0123ABCD', channel_id: 'C0123456789', text: 'kill etl-daily', trigger_id: '1.2.a', response_url: 'x' }, action: { payload: JSON.stringify({ type: 'block_actions', user: { id: 'U012AB3CD', team_id: 'T0123ABCD' }, team: { id: 'T0123ABCD' }, channel: { id: 'C0123456789' }, trigger_id: '1.2.b', response_url: 'x', actions: [{ action_id: 'start', value: '{"do":"start","cluster":"analytics","jobId":"431b135e-c090-489f-b1db-0abe3822b855"}' }] }) } });
  console.log(t1-t, t2-t1, Date.now()-t2);
  writeFileSync('/tmp/answers.txt', [...rest, ...alerts, ...slack].map((a) => `${a.route} ${a.status} ${JSON.stringify(Object.fromEntries(Object.entries(a.headers).filter(([k])=>!/^(content-type|cache-control|x-request-id)$/.test(k))))}\n   ${a.text}`).join('\n'));
}, 60000);
