import { code } from './text.ts';

/** What the person is told of a start. */
export function startedText(outcome: 'accepted' | 'duplicate' | 'refused' | 'failed', job: string): string {
  switch (outcome) {
    case 'accepted':
      return `Looking at ${code(job)} …`;
    case 'duplicate':
      return `This request for ${code(job)} is being handled already.`;
    case 'refused':
    case 'failed':
      return `The request for ${code(job)} could not be started; nothing was killed. Please try again.`;
  }
}
