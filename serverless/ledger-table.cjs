// The ledger's table, for every function: the one that LEDGER_TABLE names, else the one that this deployment makes. An empty
// LEDGER_TABLE counts as unset, as everywhere; a name that can be no table is said here, before anything is packaged.
module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const table = process.env.LEDGER_TABLE || `${await resolveConfigurationProperty(['service'])}-${await resolveVariable('sls:stage')}-ledger`;
  if (/^[A-Za-z0-9_.-]{3,255}$/.test(table)) return table;
  throw new Error('LEDGER_TABLE has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .');
};
