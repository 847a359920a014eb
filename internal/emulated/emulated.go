// Package emulated is an AWS account for tests, as package account calls it.
package emulated

import (
	"testing"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/local"
)

// Start gives an emulated account, which ends with the test, and what calls it
// with its root's key. Both are in the environment: the test cannot be parallel.
func Start(t *testing.T, o local.Options) (*local.Account, *account.Account) {
	t.Helper()
	a, err := local.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	for name, value := range a.Environment(a.Root()) {
		t.Setenv(name, value)
	}
	acct, err := account.New(t.Context(), account.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a, acct
}
