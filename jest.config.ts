import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

export default {
  testEnvironment: 'node',
  transform: {}, // Jest 30.5 strips the types itself
  extensionsToTreatAsEsm: ['.ts'],
  testSequencer: '<rootDir>/test/sequencer.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/.esbuild/', '<rootDir>/.serverless/', '<rootDir>/build/'],
  maxWorkers: Math.ceil(availableParallelism() * 1.5), // some wait for processes and answers most of the time; ports are free ones, packages are made in copies: files do not meet
  testTimeout: 30_000, // machines are shared: a slow one is no fault of the code
  coverageProvider: 'v8',
  collectCoverageFrom: ['functions/**/*.ts', 'home/**/*.ts', 'lib/**/*.ts'],
} satisfies Config;
