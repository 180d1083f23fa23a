module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/contract.test.mjs'],
  transform: {},
  rootDir: __dirname,
};
