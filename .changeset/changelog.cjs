/** A changeset's text stands in the changelog as it was written. That packages of one version need each other is not worth a line. */
module.exports = {
  getReleaseLine: async ({ summary }) => summary,
  getDependencyReleaseLine: async () => '',
};
