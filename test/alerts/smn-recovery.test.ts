import { describe, expect, it } from '@jest/globals';
import { saysRecovery } from '../../lib/alerts/smn-recovery.ts';

/** Whether a message says that its alarm is over. */
const isOver = (message: string): boolean => saysRecovery(message, '');

describe('the name of a field', () => {
  it.each([
    'Alarm Status', 'Alert Status', 'Alarm State', 'Clear Status', 'Cleared Status', 'Clearance Status', 'Recovery Status',
    '告警状态', '报警状态', '告警清除状态', '报警恢复状态', '告警当前状态', '告警清除当前状态', '清除状态', '恢复状态',
  ])('%s is of the alarm: what it says counts', (name) => {
    for (const value of ['Cleared', 'Normal', '已清除', '正常']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, true]);
    for (const value of ['Alarm', 'Yes', '2026-03-01 11:59:00', 'etl']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, false]);
  });

  it.each(['Status', 'State', 'Current Status', 'Current State', '状态', '当前状态'])('%s is of anything: only what is said of alarms alone counts', (name) => {
    for (const value of ['Cleared', 'Resolved', '已清除']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, true]);
    for (const value of ['Normal', 'Recovered', 'OK', '正常', 'Alarm', 'Yes']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, false]);
  });

  it.each([
    'Cleared', 'Is Cleared', 'Alarm Cleared', 'Is Alarm Cleared', 'Recovered', 'Resolved', 'Restored',
    '是否清除', '是否已清除', '是否恢复', '是否已恢复', '已清除', '已恢复', '告警已清除', '告警已恢复',
  ])('%s is a question: yes and a time count too', (name) => {
    for (const value of ['Yes', 'true', 'Y', '1', '是', '已', 'Cleared', 'Normal', '2026-03-01 11:59:00']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, true]);
    for (const value of ['No', 'false', 'N', '0', '否', '未', '-', 'Yes, it will be', 'Yesterday', 'not true', '12', '是的吗', '已经']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, false]);
  });

  it.each([
    'Clear Time', 'Cleared Time', 'Clearance Time', 'Cleared At', 'Cleared On', 'Alarm Clear Time', 'Recovery Time', 'Recovered At', 'Resolved At', 'Restored On',
    '清除时间', '恢复时间', '告警清除时间', '告警恢复时间',
  ])('%s is a time: only a time counts', (name) => {
    expect(isOver(`${name}: 2026-03-01 11:59:00`)).toBe(true);
    for (const value of ['Yes', 'Cleared', '-', '30', 'the next day']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, false]);
  });

  it.each([
    'Alarm Status Code', 'Old Alarm Status', 'Status Code', 'Job Status', 'Job State', 'Not Cleared', 'Auto Cleared', 'Cleared By', 'Alarm Cleared By', 'Old Clear Time', 'Clear Timeout',
    '作业告警状态', '告警状态码', '作业清除状态', '清除状态码', '作业状态', '状态码', '可否清除', '是否已清除过', '未是否清除', '告警已清除次数', '作业告警已清除', '作业清除时间', '清除时间窗', '告警', 'Cleared Cleared',
  ])('%s is another one: nothing of it counts', (name) => {
    for (const value of ['Cleared', 'Yes', '已清除', '2026-03-01 11:59:00']) expect([value, isOver(`${name}: ${value}`)]).toEqual([value, false]);
  });

  it.each([
    'alarm_status', 'alarmStatus', 'ALARM STATUS', 'Alarm-Status', '*Alarm Status*', '"Alarm Status"', "'Alarm Status'", '`Alarm Status`', '· Alarm Status', '• Alarm  Status',
    '1. Alarm Status', '12) Alarm Status', '3、Alarm Status', '> Alarm Status', ' > 2. Alarm Status', '>> Alarm Status',
  ])('%s is written in another way, and is the same', (name) => {
    expect(isOver(`${name}: Cleared`)).toBe(true);
    expect(isOver(`${name}: Alarm`)).toBe(false);
  });

  it.each(['123. Alarm Status', '1 2. Alarm Status', 'a1. Alarm Status', 'x > Alarm Status', 'Alarm Status 1.', '1.2. Alarm Status', '1: Alarm Status 2'])('%s is not the same', (name) => {
    expect(isOver(`${name}: Cleared`)).toBe(false);
  });
});

describe('the value of a field', () => {
  it.each([
    'Cleared', 'cleared', 'CLEARED', 'Resolved', 'has been cleared', 'is cleared', 'was resolved', 'auto cleared', 'automatically cleared', 'manually cleared', 'has been automatically cleared', 'Cleared manually', 'Resolved automatically',
    '清除', '已清除', '告警清除', '告警已清除', '报警已解除', '已自动清除', '已手动清除', '恢复', '已恢复', '恢复正常', '已恢复正常', '解决', '已消除',
  ])('%s is said of alarms alone', (value) => {
    expect([isOver(`Alarm Status: ${value}`), isOver(`Status: ${value}`)]).toEqual([true, true]);
  });

  it.each([
    'Recovered', 'restored', 'has been recovered', 'is restored', 'was recovered', 'auto recovered', 'automatically restored', 'manually recovered', 'was automatically recovered', 'Recovered manually', 'Restored automatically',
    'alarm cleared', 'Alarm Resolved', 'alarm recovered', 'OK', 'Normal', 'Clear', 'Recovery', 'Inactive', 'Closed', '正常', '已正常', '已恢复正常', '告警恢复正常', '报警已正常',
  ])('%s is said of an alarm in a field of its own', (value) => {
    expect([isOver(`Alarm Status: ${value}`), isOver('Status: Cleared\nAlarm Status: Active')]).toEqual([true, false]);
  });

  it.each([
    'to be cleared', 'cleared soon', 'not cleared', 'never automatically cleared', 'has been clear', 'will be automatically cleared', 'cleared automatically tomorrow', 'uncleared', 'cleared auto',
    'to be recovered', 'recovered soon', 'not recovered', 'unrecovered', 'recovered automatically tomorrow', 'alarm clears', 'not ok', 'ok so far', 'abnormal', 'normally', 'false alarm cleared', 'unclosed', 'closed door',
    '未清除', '自动清除', '手动清除', '可清除', '清除中', '清除失败', '将恢复正常', '不正常', '正常值', '告警正常吗', '已自动恢复中', '告警',
  ])('%s does not say that it is over', (value) => {
    expect([isOver(`Alarm Status: ${value}`), isOver(`Status: ${value}`)]).toEqual([false, false]);
  });

  it.each([
    'alarm', 'Alarming', 'alerting', 'Firing', 'active', 'raised', 'open', 'triggered', 'not cleared', 'not yet cleared', 'uncleared', 'unresolved', 'not recovered', 'not yet restored',
    '告警', '告警中', '报警', '报警中', '正在告警', '持续告警', '持续报警中', '未清除', '尚未清除', '未恢复', '未解决', '未解除', '未消除',
  ])('%s says that it stands: a status of nobody knows what does not count then', (value) => {
    expect(isOver(`Status: Cleared\nAlarm Status: ${value}`)).toBe(false);
  });

  it.each(['alarm 3', 'an alarm', 'opened', 'reopen', 'now firing', 'never cleared', 'yet not cleared', '告警数', '不告警', '正在处理', '从未清除', '未清除过'])('%s does not say so: it counts', (value) => {
    expect(isOver(`Status: Cleared\nAlarm Status: ${value}`)).toBe(true);
  });

  it.each(['No', 'false', 'n', '0', '否', '未'])('%s says that it stands where it was asked for, and nothing where it was not', (value) => {
    expect([isOver(`Status: Cleared\nIs Cleared: ${value}`), isOver(`Status: Cleared\nAlarm Status: ${value}`)]).toEqual([false, true]);
  });

  it.each(['Nothing', 'north', 'not false', 'falsely', '00', '10', 'on', '否则', '是否', '未知', '从未'])('%s is no such no', (value) => {
    expect(isOver(`Status: Cleared\nIs Cleared: ${value}`)).toBe(true);
  });

  it('that is longer than 100 characters is a sentence', () => {
    const long = (length: number): string => `Alarm Status: Cleared (${'x'.repeat(length - 10)})`;
    expect([isOver(long(99)), isOver(long(100)), isOver(long(101))]).toEqual([true, false, false]);
  });

  it.each([
    '"Cleared"', "'Cleared'", '*Cleared*', '**Cleared**', '`Cleared`', '|Cleared|', 'Cleared.', 'Cleared。', 'Cleared!', 'Cleared！', 'Cleared,', 'Cleared，', '✅ Cleared', '✔️ Cleared', '"Cleared".',
    'Cleared (by admin)', 'Cleared（手动）', 'Cleared(1)', '"Cleared (by admin)".',
  ])('%s is Cleared with something around it', (value) => {
    expect(isOver(`Alarm Status: ${value}`)).toBe(true);
  });

  it.each(['(Cleared)', 'Cleared (by admin) soon', 'Cleared (by admin) automatically', 'Cleared (by (admin))', 'Cleared (by admin', 'Cleared by admin)', 'Cleared?', '?Cleared', 'Cleared -', '.Cleared', 'not (yet) Cleared', 'Cleared ✅'])('%s is not', (value) => {
    expect(isOver(`Alarm Status: ${value}`)).toBe(false);
  });
});

describe('a moment', () => {
  it.each([
    '2026-03-01 11:59:00', '2026-03-01T11:59:00Z', '2026-03-01T11:59:00.123+08:00', '2026/03/01 11:59', '2026-03-01', '1772366340', '1772366340000', '2026年3月1日 11时59分00秒', '2026年3月1日',
    '2026-03-01 11:59:00 GMT+08:00', '2026-03-01 11:59 UTC', '2026-03-01 11:59 (UTC+8)', '2026-03-01 11:59 CST', 'Mar 1, 2026 11:59:00 AM', 'Sun, 01 Mar 2026 11:59:00 GMT', 'Sunday, March 1, 2026', '11:59 pm 01 Mar 2026', '2026年3月1日 上午11:59', '2026年3月1日 下午1:59',
  ])('%s is one of this century', (value) => {
    expect([isOver(`Clear Time: ${value}`), isOver(`Is Cleared: ${value}`), isOver(`Is Cleared: Yes, ${value}`)]).toEqual([true, true, true]);
    expect(isOver(`Alarm Status: Cleared, ${value}`)).toBe(true);
  });

  it.each([
    '1970-01-01 00:00:00', '0000-00-00 00:00:00', '1999-12-31', '12026-03-01', '203-01-01', '2126-03-01', '177236634', '17723663400', '177236634000', '17723663400000', '2772366340', '1a23663400', '-', '0', '',
    'tomorrow 2026', '2026-03-01 by admin', 'by admin 2026-03-01', 'spam 2026-03-01', 'amp 2026-03-01', 'xm 2026-03-01', 'summar 2026-03-01', 'x: 2026-03-01', '中午 2026-03-01', '上中 2026-03-01', '午 2026-03-01', '2026-03-01?', 'mar',
  ])('%j is none, or none of this century', (value) => {
    expect([isOver(`Clear Time: ${value}`), isOver(`Is Cleared: ${value}`), isOver(`Alarm Status: Cleared at ${value}`)]).toEqual([false, false, false]);
  });

  it.each([
    'Cleared, ', 'Cleared,', 'Cleared; ', 'Cleared；', 'Cleared，', 'Cleared @ ', 'Cleared @@ ', 'Cleared - ', 'Cleared - at ', 'Cleared at ', 'Cleared AT  ', 'Cleared  at ', 'Cleared on ', 'Cleared since ', 'Cleared, at ',
    '已清除 于 ', '已清除于', '已清除于  ', '已清除 于', '已清除 于  ', '已清除', '已清除，于', '已清除 - 于 ', 'Cleared (by admin) at ',
  ])('may follow a value: %s', (before) => {
    for (const time of ['2026-03-01 11:59:00', '2026年3月1日']) expect([time, isOver(`Alarm Status: ${before}${time}`)]).toEqual([time, true]);
    if (!/[;；]/.test(before)) expect(isOver(`Alarm Status: ${before}1970-01-01`)).toBe(false); // those divide fields
  });

  it.each(['Cleared', 'Cleared about ', 'Cleared at', 'Cleared by ', 'Cleared atthe ', 'Cleared x at ', 'Cleared/', '已清除在', '已清除 于x', 'Not cleared since ', '2026-03-01 ', ', '])('does not make one of %j', (before) => {
    expect(isOver(`Alarm Status: ${before}2026-03-01 11:59:00`)).toBe(false);
  });
});
