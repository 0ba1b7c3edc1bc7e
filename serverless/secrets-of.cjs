// The part of a function's environment that no other function needs: the secrets that it reads (lib/settings/secrets-of.ts).
module.exports = async () => {
  const { SECRETS_OF } = await import('../lib/settings/secrets-of.ts');
  const environmentOf = (secrets) => Object.fromEntries(secrets.map((name) => [name, process.env[name] ?? '']));
  return Object.fromEntries(Object.entries(SECRETS_OF).map(([name, secrets]) => [name, environmentOf(secrets)]));
};
