// The ledger's table, for every function: the one that LEDGER_TABLE names, else the one that this deployment makes. An empty
// LEDGER_TABLE counts as unset, as everywhere.
module.exports = async ({ resolveConfigurationProperty, resolveVariable }) =>
  process.env.LEDGER_TABLE || `${await resolveConfigurationProperty(['service'])}-${await resolveVariable('sls:stage')}-ledger`;
