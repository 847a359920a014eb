package operate

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/internal/deployment"
	"github.com/devo-s3/collector/sources"
)

// A Sender sends what is tried to a deployment's Devo, under one tag, on one
// connection.
type Sender struct {
	id, tag string
	conn    delivery.Conn
	headers map[string][]byte // by source
}

// NewSender connects. The deployment's key pair is read with the caller's own
// credentials.
func NewSender(ctx context.Context, c *config.Config, acct *account.Account, tag string, log *slog.Logger) (*Sender, error) {
	if err := sources.CheckTag(tag); err != nil {
		return nil, err
	}
	sink, err := deployment.Sink(c, acct, log, deployment.Parts{})
	if err != nil {
		return nil, err
	}
	conn, err := sink.Dial(ctx, ctx)
	if err != nil {
		return nil, err
	}
	return &Sender{c.ID, tag, conn, make(map[string][]byte)}, nil
}

// Send sends a record.
func (s *Sender) Send(r *Shown) error {
	header := s.headers[r.Source]
	if header == nil {
		header = s.conn.Header(r.Source, s.tag)
		s.headers[r.Source] = header
	}
	return s.conn.Write(header, r.Raw)
}

// Confirm ends the connection. nil means that the far end took every record,
// not that Devo stored it.
func (s *Sender) Confirm(ctx context.Context) error { return s.conn.Confirm(ctx) }

// Abort ends the connection at once.
func (s *Sender) Abort() { s.conn.Abort() }

// Query is what to ask Devo for the records sent, by the host in their frames.
func (s *Sender) Query() string {
	return fmt.Sprintf("from %s where toktains(hostchain, \"collector-%s\") select *", s.tag, s.id)
}
