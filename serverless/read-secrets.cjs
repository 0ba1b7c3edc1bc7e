// The right to read the parameters that the settings refer to (`ssm:/name`), each by its name: one statement of a role, or none.
module.exports = async ({ resolveConfigurationProperty }) => {
  const environment = await resolveConfigurationProperty(['provider', 'environment']);
  const names = Object.values(environment).flatMap((value) => /^\s*ssm:(\/[^\s:]+)/.exec(value)?.[1] ?? []);
  if (names.length === 0) return { Ref: 'AWS::NoValue' };
  return {
    Effect: 'Allow',
    Action: 'ssm:GetParameters',
    Resource: [...new Set(names)].map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${name}` })),
  };
};
