// Decides cases with iam-simulate, an evaluator that isn't ours: one case a line from standard input, as `mfactl policy
// eval` takes them, one result a line to standard output.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// The packages are in the target folder, which is the current one.
const { runUnsafeSimulation } = createRequire(`${process.cwd()}/`)("@cloud-copilot/iam-simulate");

const named = (policies) => policies.map((policy, index) => ({ name: `${index}`, policy }));

function simulation({ principal, identityPolicies, boundary, scps, request }) {
  return {
    request: {
      principal,
      action: request.action,
      resource: { resource: request.resource, accountId: principal.split(":")[4] },
      contextVariables: request.context,
    },
    identityPolicies: named(identityPolicies),
    serviceControlPolicies: scps.map((policies, index) => ({ orgIdentifier: `${index}`, policies: named(policies) })),
    resourceControlPolicies: [],
    permissionBoundaryPolicies: boundary ? named([boundary]) : undefined,
  };
}

function decide(line) {
  try {
    return runUnsafeSimulation(simulation(JSON.parse(line)), {});
  } catch (error) {
    return `error: ${error.message.replaceAll("\n", " ")}`;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(decide(line));
}
