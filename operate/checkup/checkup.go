// Package checkup is what the function can find out about its own way, from the
// role to Devo, when `collector doctor` asks it: with the function's
// credentials, from where it runs. It is part of the function's binary.
package checkup

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/internal/deployment"
)

// A Status is how a check ended.
type Status string

// The statuses. Unseen is a check that could not be made: somebody else must
// look.
const (
	OK     Status = "ok"
	Wrong  Status = "wrong"
	Unseen Status = "unseen"
)

// The checks, in the order in which a log goes.
const (
	File         = "file"         // the deployment's file
	Credentials  = "credentials"  // whose they are
	Clock        = "clock"        // against AWS's
	Bucket       = "bucket"       // can be written into by its publishers
	Notification = "notification" // of a bucket, to its queue
	Queue        = "queue"        // visibility and redrive
	QueuePolicy  = "queue policy" // who may send, and receive
	DLQ          = "dlq"          // is there, and empty
	Mapping      = "mapping"      // from a queue to the function
	Table        = "table"        // the ledger's, as it was made
	Function     = "function"     // answers
	Role         = "role"         // can be assumed, with the external id alone
	Object       = "object"       // the latest of a bucket can be read
	KMS          = "kms"          // with its key
	Ledger       = "ledger"       // can be read and written
	Secret       = "secret"       // has a key pair that fits, for how long
	Devo         = "devo"         // chain, name, and what it does with the end of a connection
	Forgotten    = "forgotten"    // what was learned of an endpoint
)

// Names are all the checks.
var Names = []string{
	File, Credentials, Clock, Bucket, Notification, Queue, QueuePolicy, DLQ, Mapping, Table, Function, Role, Object, KMS, Ledger, Secret, Devo, Forgotten,
}

// A Check is one thing that was looked at.
type Check struct {
	Name   string `json:"check"`
	Of     string `json:"of,omitempty"` // the queue's name, the bucket's, the endpoint
	Status Status `json:"status"`
	Says   string `json:"says"`
	Mend   string `json:"mend,omitempty"` // what to do, of one that is not OK
	By     string `json:"by,omitempty"`   // ByFunction, or "" for the person
}

// ByFunction is By of what the function itself found.
const ByFunction = "function"

// An Ask is what a doctor event asks: {"collector":1,"doctor":{}}.
type Ask struct {
	// Confirm has one record sent to Devo, tag test.keep.free.
	Confirm bool `json:"confirm"`
	// Forget are endpoints of which is to be forgotten that they send a
	// close_notify. An older function does not know it.
	Forget []string `json:"forget,omitempty"`
}

// An Answer is the function's.
type Answer struct {
	Version string  `json:"version"`
	Checks  []Check `json:"checks"`
}

// A Path is the way of the logs, for whoever the account's credentials are of.
type Path struct {
	*config.Config
	Account *account.Account
	Version string
	Log     *slog.Logger // gets what the parts themselves have to say

	function bool // the credentials are the function's: what they are denied is wrong
}

// Walk is for the function, and looks at everything. ctx should end well before
// the invocation.
func (p *Path) Walk(ctx context.Context, ask Ask) []Check {
	p.function = true
	checks := together(
		func() []Check { return Who(ctx, p.Account) },
		func() []Check { return p.roles(ctx) },
		func() []Check { return p.objects(ctx) },
		func() []Check { return p.Devo(ctx, ask) },
	)
	for i := range checks {
		checks[i].By = ByFunction
	}
	return checks
}

// Devo looks at what is not the customer's: ledger, secret and Devo.
// The way to Devo is one of its own, so that the key pair is read anew.
func (p *Path) Devo(ctx context.Context, ask Ask) []Check {
	sink, err := deployment.Sink(p.Config, p.Account, p.Log, deployment.Parts{})
	if err != nil {
		return []Check{{Name: Devo, Status: Wrong, Says: err.Error()}}
	}
	forgotten := p.forget(ctx, ask.Forget) // before anybody looks
	return slices.Concat(together(
		func() []Check { return p.ledger(ctx) },
		func() []Check { return p.secret(ctx, sink) },
		func() []Check { return p.endpoints(ctx, sink, ask) },
	), forgotten)
}

// together makes checks side by side, and gives them in order.
func together(parts ...func() []Check) []Check {
	made := make([][]Check, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() { made[i] = part() })
	}
	all.Wait()
	return slices.Concat(made...)
}
