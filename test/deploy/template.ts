type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };

export type Resource = { type: string; properties: Fields; dependsOn: Json };

/** A CloudFormation template as it is when it is carried out: conditions decided, resources without theirs gone. */
export type Template = Map<string, Resource>;

const PSEUDO: Record<string, string> = { Partition: 'aws', Region: 'eu-west-1', AccountId: '123456789012', URLSuffix: 'amazonaws.com' };
type Functions = { 'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Sub'?: string; 'Fn::If'?: [string, Json, Json] };
const NOTHING = Symbol('AWS::NoValue');

/** Decides conditions and functions; `Ref` and `Fn::GetAtt` become `Name` and `Name.Attribute`, the account is 123456789012. */
export function toTemplate(raw: { Resources: Fields; Conditions?: Fields }): Template {
  const decide = (name: string): boolean => isTrue(raw.Conditions?.[name] ?? null);
  const isTrue = (condition: Json): boolean => {
    const { 'Fn::Equals': equals, 'Fn::Not': not } = condition as { 'Fn::Equals'?: [Json, Json]; 'Fn::Not'?: [Json] };
    if (equals) return equals[0] === equals[1];
    if (not) return !isTrue(not[0]);
    throw new Error(`a condition that nobody can decide here: ${JSON.stringify(condition)}`);
  };
  const resolve = (value: Json): Json | typeof NOTHING => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== NOTHING);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text, 'Fn::If': choice } = value as Functions;
    if (Ref !== undefined) return Ref === 'AWS::NoValue' ? NOTHING : (PSEUDO[Ref.replace(/^AWS::/, '')] ?? Ref);
    if (attribute) return attribute.join('.');
    if (text !== undefined) return substitute(text);
    if (choice) return resolve(decide(choice[0]) ? choice[1] : choice[2]);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]).filter(([, item]) => item !== NOTHING)) as Fields;
  };

  const kept = Object.entries(raw.Resources as Record<string, { Type: string; Properties?: Json; Condition?: string; DependsOn?: Json }>);
  return new Map(
    kept
      .filter(([, { Condition }]) => Condition === undefined || decide(Condition))
      .map(([name, { Type, Properties = {}, DependsOn = [] }]) => [name, { type: Type, properties: resolve(Properties) as Fields, dependsOn: DependsOn }]),
  );
}

function substitute(text: string): string {
  return text.replaceAll(/\$\{(?:AWS::)?([\w.]+)\}/g, (_all, name: string) => PSEUDO[name] ?? name);
}

/** The properties of the only resource of that name. Throws where it is not in the template. */
export function propertiesOf(template: Template, name: string): Fields {
  const resource = template.get(name);
  if (resource === undefined) throw new Error(`the template has no ${name}`);
  return resource.properties;
}

export function resourcesOfType(template: Template, type: string): [string, Fields][] {
  return [...template].flatMap(([name, resource]) => (resource.type === type ? [[name, resource.properties]] : []));
}

export type Statement = { Effect: string; Action: string | string[]; Resource: string | string[]; Condition?: Record<string, Record<string, string[]>> };

/** What a role may do: one `action on resource` for each pair, sorted. */
export function rightsOf(role: Fields): string[] {
  return statementsOf(role)
    .flatMap(({ Action, Resource }) => [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${resource}`)))
    .toSorted();
}

export function statementsOf(role: Fields): Statement[] {
  const policies = role['Policies'] as unknown as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
