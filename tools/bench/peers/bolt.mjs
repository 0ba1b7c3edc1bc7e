import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core';
import { ClientBuilder } from '@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js';
import bolt from '@slack/bolt';

// What a Lambda function of these people would have in its environment.
const { SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: signingSecret, SLACK_API_URL: slackApiUrl, MRS_ENDPOINT: endpoint, CLUSTER: cluster_id, PROJECT: project_id, ACCESS_KEY: ak, SECRET_KEY: sk } = process.env;

const receiver = new bolt.AwsLambdaReceiver({ signingSecret });
const app = new bolt.App({ token, receiver, clientOptions: { slackApiUrl } });
const credentials = new BasicCredentials().withAk(ak).withSk(sk).withProjectId(project_id);
const mrs = new ClientBuilder((client) => client).withEndpoint(endpoint).withCredential(credentials).build();

// `/mrs kill <job>` stops that job and says so.
app.command('/mrs', async ({ command, ack }) => {
  const [, jobId] = command.text.split(' ');
  await mrs.sendRequest({
    method: 'POST',
    contentType: 'application/json',
    url: '/v2/{project_id}/clusters/{cluster_id}/job-executions/{job_execution_id}/kill',
    queryParams: {},
    pathParams: { project_id, cluster_id, job_execution_id: jobId },
    headers: {},
    data: {},
  });
  await ack(`Stopping ${jobId} …`);
});

const handle = await receiver.start();
export const handler = (event, context) => handle(event, context, () => undefined);
