// Package document_test holds documents to what they promise: the platform's OpenAPI document to what a generated client
// needs of it, and the pages to the files that they name.
package document_test

import (
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"
)

// A frontend's calls compile with the types that openapi-typescript makes of the document, and wrong ones don't. Without
// Node nothing is compiled; the log says so.
func TestDocument_TypeScriptClient(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "./tools.sh", "client").CombinedOutput()
	t.Logf("%s", out)

	NewWithT(t).Expect(err).NotTo(HaveOccurred(), string(out))
}
