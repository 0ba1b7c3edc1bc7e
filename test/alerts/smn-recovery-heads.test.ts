import { describe, expect, it } from '@jest/globals';
import { saysRecovery } from '../../lib/alerts/smn-recovery.ts';

/** Whether a message says that its alarm is over, by that text alone or by that subject alone. */
const isOver = (message: string): boolean => saysRecovery(message, '');
const isOverBySubject = (subject: string): boolean => saysRecovery('', subject);

describe('a table', () => {
  it.each([
    ['is read along its rows where its head is one of names only', 'Alarm Status | Active\nCleared | No', false],
    ['is read down where a row makes less sense', 'Alarm Status | Cleared\nActive | No', false],
    ['is read both ways where both make as much sense, and is over along its row', 'Alarm Status | Cleared\nActive | etl', true],
    ['is read both ways where both make as much sense, and is over down its column', 'Alarm Status | Active\nCleared | etl', true],
    ['whose column is not filled in is none where it names another', 'Alarm ID | Alarm Status | Cleared\nALM-18020 | N/A | N/A', false],
    ['whose time is not filled in either', 'Alarm Status | Cleared | x | Clear Time\netl | N/A | x | N/A', false],
    ['whose cells are sentences is no head', `Alarm Status | Cleared${`\n${'x'.repeat(101)} | etl`.repeat(2)}`, true],
    ['whose status stands', 'Status | Cleared\nActive | N/A', false],
  ])('%s', (_, text, expected) => {
    expect(isOver(text)).toBe(expected);
  });

  it.each(['n/a', 'N/A', 'na', 'none', 'None', 'null', '无', '—', '- -', '--', '/'])('says nothing with %s: its head has names, and no values', (blank) => {
    expect(isOver(`Alarm ID | Alarm Status | Cleared\nALM-18020 | ${blank} | ${blank}`)).toBe(false);
  });

  it.each(['nab', 'banana', 'nonesuch', 'annull', '无人', '- x', 'n//a', 'x—'])('says something with %s, which is no word for nothing: its head may have a value', (value) => {
    expect(isOver(`Alarm ID | Alarm Status | Cleared\nALM-18020 | ${value} | ${value}`)).toBe(true);
  });
});

describe('a subject', () => {
  it.each([
    '[Critical Ok]', '[ok] x', '[OK]', '[Cleared] x', '[recovered:3] x', '[Resolved:12]', '[FIRING  Ok]', '[Major Clear]', '[Critical Major Minor Recovery]', '[warning restored]', '[Alarm Recovery]', '[Informational Clear]', '[info  clear]', '[alert clear]', '[clear]', '[recovery]',
    '[restored]', '[Knot ok]', '[Note Ok]', '[Autos Ok]', '[x][Critical Ok] y', '[x] 【已恢复】', '  [Ok]', '[ Ok ]', '["Ok"]', '【Ok】', '[]【】[Ok]',
    'Re: [Ok]', 'RE : [Ok]', 'Fw: [Ok]', 'FWD:[Ok]', 'Aw: [Ok]', 'WG: [Ok]', 'TR: [Ok]', '回复：[Ok]', '答复: [Ok]', '转发：[Ok]', ' Re: Fwd: 回复：[Ok]',
    '[告警恢复] x', '[已恢复正常]', '【已清除】', '【紧急告警解除通知】', '[恢复提醒]', '[消除消息]', '【已自动恢复】',
    '告警恢复通知', '报警恢复通知：x', '告警已恢复通知', '报警清除提醒 x', '告警解除消息-x', '告警消除通知', ' 告警恢复通知', 'Re: 告警恢复通知', 'Alarm Status: Cleared',
  ])('%s says that it is over', (subject) => {
    expect(isOverBySubject(subject)).toBe(true);
  });

  it.each([
    '[Disaster Recovery]', '[book]', '[Ok:x]', '[Ok:]', '[Ok soon]', '[Ok:3 soon]', '[unresolved]', '[Not Ok]', '[never Cleared]', '[Auto Cleared]', '[Automatically resolved]', '[Critical Recovery Plan]', '[Criticalclear]', '[x Critical Clear]', '[Clearance]', '[x-Ok]', '[]', '[', '',
    'etl [Ok]', 'x: [Ok]', 'Pre: [Ok]', 'Re [Ok]', 'x Re: [Ok]', '[Re:Ok]', '[a [Ok] b', '[a b【Ok】', '[Ok', 'Ok]', 'Ok', '(Ok)', '[a】[Ok】', '[Ok】', '【Ok]',
    '[未恢复]', '[没恢复]', '[没有恢复]', '[不恢复]', '[可清除]', '[自动恢复]', '【自动清除】', '[恢复中]', '[恢复通知书]', '[恢复正常值]',
    '告警恢复', '告警恢复通知策略', '告警恢复通知a', '告警恢复通知1', '告警恢复通知_', '告警未恢复通知', '告警恢复 通知', '关于告警恢复通知', '告警通知', '恢复通知',
  ])('%j says nothing of the kind', (subject) => {
    expect(isOverBySubject(subject)).toBe(false);
  });

  it.each(['告警恢复通知：x', ' 报警已清除提醒 x', '【告警恢复】x', '[报警清除]', '[ 告警已恢复正常 ]', '【报警解除通知】', '【告警消除消息】', '\n【告警恢复】'])('and %j says so at the head of a message', (message) => {
    expect(isOver(message)).toBe(true);
  });

  it.each(['[Ok] x', '【已恢复】x', '【告警恢复策略】', '【x告警恢复】', '【告警 恢复】', '告警恢复', '【告警恢复', '告警恢复】', 'x 【告警恢复】', '告警恢复通知规则', '【告警未恢复】', '(告警恢复)', 'Re: 告警恢复通知'])('and %j does not', (message) => {
    expect(isOver(message)).toBe(false);
  });

  it('and the message are one text: what stands in either counts', () => {
    expect(saysRecovery('Alarm Status: Active', 'Status: Cleared')).toBe(false);
    expect(saysRecovery('Status: Cleared', 'Alarm Status: Active')).toBe(false);
    expect(saysRecovery('Status: Cleared', 'etl')).toBe(true);
    expect(saysRecovery('Alarm Status: Active', 'Alarm Status: Cleared')).toBe(true);
  });
});
