// Package deployment is the wiring that the functions and the operators'
// command have in common: the deployment's file and the way to its Devo.
package deployment

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/devo"
)

// Load reads the deployment's file: COLLECTOR_CONFIG, or config.yaml beside the
// binary.
func Load() (*config.Config, error) {
	path := os.Getenv("COLLECTOR_CONFIG")
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find config.yaml beside the binary: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), "config.yaml")
	}
	return config.Load(path)
}

// Access is how the function reads a queue's buckets.
func Access(q config.Queue) account.Access {
	x := account.Access{
		RoleARN: q.RoleARN, ExternalID: q.ExternalID, Keys: q.Keys,
		Regions: make(map[string]string), Owners: make(map[string]string),
	}
	for _, b := range q.Buckets {
		x.Regions[b.Name], x.Owners[b.Name] = b.Region, b.Owner
	}
	return x
}

// Parts are what a process may add to a Sink; each may be left out.
type Parts struct {
	Ended    func(devo.Attempt)
	Memory   devo.Memory
	Standing *devo.Standing
}

// Sink is the way to the deployment's Devo.
func Sink(cfg *config.Config, acct *account.Account, log *slog.Logger, with Parts) (*devo.Sink, error) {
	sink, err := devo.New(devo.Config{
		Sink: cfg.Devo.Sink, Endpoints: cfg.Devo.Endpoints, Domain: cfg.Devo.Domain, ID: cfg.ID, Identity: identity(cfg, acct),
		Verify: cfg.Devo.Verify, Multiline: cfg.Devo.Multiline, Gzip: cfg.Devo.Gzip,
		Confirm: cfg.Devo.Confirm, ConfirmTimeout: cfg.Devo.ConfirmTimeout,
		Ended: with.Ended, Memory: with.Memory, Standing: with.Standing, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("deployment %s: devo: %w", cfg.Customer, err)
	}
	return sink, nil
}

// Memory is what the deployment remembers of its endpoints, in the ledger's table;
// nil without one.
func Memory(cfg *config.Config, acct *account.Account) devo.Memory {
	if cfg.Ledger.Kind == "none" {
		return nil
	}
	return acct.Endpoints(cfg.Ledger.Table)
}

// identity reads Devo's key pair from the secret, or from files.
func identity(cfg *config.Config, acct *account.Account) func(context.Context, bool) (devo.KeyPair, error) {
	return func(ctx context.Context, _ bool) (devo.KeyPair, error) {
		if cfg.Devo.Secret != "" {
			secret, err := acct.Secret(ctx, cfg.Devo.Secret)
			if err != nil {
				return devo.KeyPair{}, err
			}
			return devo.ParseKeyPair(secret)
		}
		return devo.ReadKeyPair(cfg.Devo.Files.Cert, cfg.Devo.Files.Key, cfg.Devo.Files.Chain)
	}
}
