import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { readBody, readJson } from '../../lib/http/read-body.ts';
import { fieldsOf, parseJson, parseJsonObject } from '../../lib/http/json.ts';

const Rows = z.object({ rows: z.array(z.object({ id: z.string() })) });

describe('a body', () => {
  it('is read', () => {
    expect(readJson(Buffer.from('{"rows":[]}'))).toEqual({ rows: [] });
    expect(readBody(Rows, { rows: [{ id: 'a' }] })).toEqual({ rows: [{ id: 'a' }] });
  });

  it.each(['', '{', '\xff'])('that is no JSON in UTF-8 says so: %j', (text) => expect(() => readJson(Buffer.from(text, 'latin1'))).toThrow('body: expected JSON'));

  it('that is wrong names each field, five at most, and no value', () => {
    const words = 'Invalid input: expected string, received number';
    expect(() => readBody(Rows, { rows: [{ id: 41 }, { id: 42 }] })).toThrow(`rows.0.id: ${words}; rows.1.id: ${words}`);
    expect(() => readBody(Rows, { rows: Array.from({ length: 9 }, () => ({ id: 1 })) })).toThrow(expect.objectContaining({ name: 'InvalidRequest', message: [0, 1, 2, 3, 4].map((row) => `rows.${row}.id: ${words}`).join('; ') }) as unknown as Error);
  });

  it('that is nothing of the kind is called the body', () => expect(() => readBody(Rows, 'x')).toThrow('body: Invalid input: expected object, received string'));

  it('names a field of endless length by its beginning', () => {
    const name = 'n'.repeat(300);
    expect(() => readBody(z.object({ [name]: z.string() }), {})).toThrow(`${'n'.repeat(100)}: Invalid input: expected string, received undefined`);
  });
});

describe('JSON', () => {
  it.each<[string | Buffer, unknown]>([['1', 1], ['{', undefined], [Buffer.from('"ä"'), 'ä'], [Buffer.from([0x22, 0xff, 0x22]), undefined]])('of %p is %p', (json, value) => expect(parseJson(json)).toEqual(value));
  it.each<[unknown, unknown]>([[{ a: 1 }, { a: 1 }], [null, undefined], ['a', undefined], [undefined, undefined]])('%p has the fields %p', (value, fields) => expect(fieldsOf(value)).toEqual(fields));
  it('has none where it is no object', () => expect([parseJsonObject('7'), parseJsonObject('{"a":1}')]).toEqual([{}, { a: 1 }]));
});
