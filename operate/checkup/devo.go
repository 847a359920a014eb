package checkup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/internal/deployment"
)

const (
	// Tag is what a record is sent under, one that Devo takes for tests.
	Tag = "test.keep.free"
	// sourceName is what its frame's host ends with.
	sourceName = "doctor"

	// probeKeep is how long the ledger keeps an entry that was only tried.
	probeKeep = time.Hour
	// endpointDays is how long an endpoint's certificate should last.
	endpointDays = 7
	day          = 24 * time.Hour
)

// ledger claims and finishes an entry of its own.
func (p *Path) ledger(ctx context.Context) []Check {
	if p.Ledger.Kind == "none" {
		return []Check{{Name: Ledger, Status: OK, Says: "none, as the file says: what comes twice is sent twice"}}
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	table := p.Ledger.Table
	if err := p.tryLedger(ctx); err != nil {
		return []Check{p.failed(Ledger, table, err, "npx cdk deploy "+p.CollectorStack()+"; see docs/operations.md#unclaimed")}
	}
	return []Check{{Name: Ledger, Of: table, Status: OK, Says: "an entry was written, finished and read"}}
}

func (p *Path) tryLedger(ctx context.Context) error {
	ledger := p.Account.Ledger(account.LedgerOptions{Table: p.Ledger.Table, Keep: probeKeep})
	if err := ledger.Sync(ctx); err != nil {
		return err
	}
	id := delivery.Identity{Bucket: "collector doctor", Key: ledger.Now().UTC().Format(time.RFC3339Nano)}
	claim, err := ledger.Claim(ctx, id, sourceName, time.Minute)
	if err != nil {
		return err
	}
	if err := ledger.Done(ctx, claim, delivery.Position{}); err != nil {
		return err
	}
	if claim, err = ledger.Claim(ctx, id, sourceName, time.Minute); err == nil && !claim.Done {
		err = errors.New("what was finished is not read as finished")
	}
	return err
}

// secret reads the key pair.
func (p *Path) secret(ctx context.Context, sink *devo.Sink) []Check {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	c := Check{Name: Secret, Of: p.Config.Devo.Secret, Mend: "docs/operations.md#replace-the-certificate"}
	if c.Of == "" {
		c.Of = p.Config.Devo.Files.Cert
	}
	ends, err := sink.CertificateEnd(ctx)
	switch left := time.Until(ends); {
	case err != nil:
		c = p.failed(Secret, c.Of, err, c.Mend)
	case ends.IsZero():
		c.Status, c.Says, c.Mend = OK, "needs no certificate", ""
	case left < time.Duration(p.Alarms.CertificateDays)*day:
		c.Status, c.Says = Wrong, "the certificate is good for "+days(left)+" only"
	default:
		c.Status, c.Says, c.Mend = OK, "certificate and key fit, and are good for "+days(left), ""
	}
	return []Check{c}
}

func days(d time.Duration) string {
	if d < 0 {
		return "no more time"
	}
	return fmt.Sprintf("%d days", d/day)
}

func (p *Path) endpoints(ctx context.Context, sink *devo.Sink, ask Ask) []Check {
	var parts []func() []Check
	for _, endpoint := range p.Config.Devo.Endpoints {
		parts = append(parts, func() []Check { return []Check{p.endpoint(ctx, sink, endpoint, ask)} })
	}
	return together(parts...)
}

func (p *Path) endpoint(ctx context.Context, sink *devo.Sink, endpoint string, ask Ask) Check {
	c := Check{Name: Devo, Of: endpoint}
	carried := "without a record"
	var write func(delivery.Conn) error
	if ask.Confirm {
		carried = "with a record, tag " + Tag
		record := fmt.Appendf(nil, "collector doctor, deployment %s, version %s, %s", p.Customer, p.Version, time.Now().UTC().Format(time.RFC3339))
		write = func(conn delivery.Conn) error { return conn.Write(conn.Header(sourceName, Tag), record) }
	}
	x, err := sink.Examine(ctx, endpoint, write)
	switch {
	case account.IsDenied(err): // the key pair
		return p.failed(Devo, endpoint, err, "see secret")
	case err != nil:
		c.Status = Wrong
		c.Says, c.Mend = p.ailment(endpoint, x, err)
		return c
	}
	c.Status, c.Says = OK, fmt.Sprintf("a connection %s was ended with EOF, as it should", carried)
	if x.TLS != "" {
		p.notified(ctx, &c, x.Notified)
		left := time.Until(x.Ends)
		c.Says = fmt.Sprintf("%s, name and chain right (%s), good for %s; %s", x.TLS, x.Issuer, days(left), c.Says)
		if left < endpointDays*day {
			c.Status, c.Mend = Wrong, "tell Devo's operators that the endpoint's certificate ends"
		}
	}
	return c
}

// notified says whether the endpoint ended TLS before TCP, whether it was seen to do
// so before, and what follows.
func (p *Path) notified(ctx context.Context, c *Check, notified bool) {
	does := "without close_notify"
	if notified {
		does = "close_notify first"
	}
	c.Says += ", " + does
	switch memory := deployment.Memory(p.Config, p.Account); {
	case p.Config.Devo.Confirm != "":
		c.Says += "; the file has confirm: " + p.Config.Devo.Confirm
	case memory == nil:
		c.Says += "; without a ledger each process learns anew whether it must come"
	default:
		since, err := memory.Notified(ctx, c.Of)
		switch {
		case err != nil:
			failed := p.failed(Devo, c.Of, err, "docs/operations.md#unclaimed")
			c.Status, c.Mend = failed.Status, failed.Mend
			c.Says += "; whether it must come cannot be seen: " + err.Error()
		case since.IsZero():
			c.Says += "; none was ever seen, so none is required"
		default:
			c.Says += "; required, because it was seen first at " + since.UTC().Format(time.RFC3339)
			if !notified {
				c.Status, c.Mend = Wrong, "docs/operations.md#unnotified"
			}
		}
	}
}

// forget has what was learned of endpoints forgotten. It is said in the log of whoever
// does it.
func (p *Path) forget(ctx context.Context, endpoints []string) (checks []Check) {
	for _, endpoint := range endpoints {
		c := Check{Name: Forgotten, Of: endpoint, Status: OK}
		memory := deployment.Memory(p.Config, p.Account)
		if memory == nil {
			c.Says = "without a ledger nothing is remembered but by each process"
			checks = append(checks, c)
			continue
		}
		known, err := memory.Forget(ctx, endpoint)
		switch {
		case err != nil:
			c.Status, c.Says, c.Mend = Wrong, err.Error(), "docs/operations.md#unclaimed"
		case !known:
			c.Says = "it was not known to send close_notify"
		default:
			c.Says = "it need not send close_notify any more, until it is seen to send one again"
			p.Log.Warn("doctor: forgotten, because somebody asked, that the endpoint sent close_notify", "endpoint", endpoint)
		}
		checks = append(checks, c)
	}
	return checks
}

// ailment says what is wrong with an endpoint, and what to do.
func (p *Path) ailment(endpoint string, x devo.Examination, err error) (says, mend string) {
	says = err.Error()
	connected := x.TLS != ""
	switch kind := delivery.KindOf(err); {
	case kind == delivery.DevoRefused:
		return "refuses our certificate: " + says, "docs/operations.md#replace-the-certificate"
	case kind == delivery.Unnotified:
		return "the end of the connection: " + says, "docs/operations.md#unnotified"
	case connected && errors.Is(err, os.ErrDeadlineExceeded):
		return "the end of the connection: silence for " + p.Config.Devo.ConfirmTimeout.String() + ": " + says, "docs/operations.md#unconfirmable"
	case connected && errors.Is(err, syscall.ECONNRESET):
		return "the end of the connection: a reset: " + says, "docs/operations.md#unconfirmable"
	case kind == delivery.Unconfirmable:
		return says, "docs/operations.md#unconfirmable"
	case connected:
		return says, "docs/operations.md#breaker-open"
	}
	return says, fmt.Sprintf("openssl s_client -connect %s </dev/null shows name and chain; docs/operations.md#breaker-open", endpoint)
}
