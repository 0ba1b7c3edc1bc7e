// The tests of this trigger on the own home; npm run test:own-home has all of them.
process.env['STAGE_HOME'] = 'own';
await import('../slack/clicks.test.ts');

export {};
