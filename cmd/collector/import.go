package main

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/devo-s3/collector/internal/printable"
	"github.com/devo-s3/collector/operate"
)

type importCommand struct {
	File     string   `arg:"" type:"existingfile" help:"The configuration of Devo's SQS collector, JSON."`
	Customer string   `help:"The deployment's name."`
	Endpoint string   `placeholder:"HOST:PORT" help:"Devo's."`
	Bucket   []string `help:"A bucket that the queue's messages name; may be given again."`
}

// Run converts the file.
func (c importCommand) Run() error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	out, err := operate.Import{Customer: c.Customer, Endpoint: c.Endpoint, Buckets: c.Bucket}.Convert(data)
	text := string(out)
	if term.IsTerminal(int(os.Stdout.Fd())) { // a file gets the very bytes
		text = printable.Text(text)
	}
	fmt.Print(text)
	return err
}
