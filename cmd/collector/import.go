package main

import (
	"fmt"
	"os"

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
	fmt.Printf("%s", out)
	return err
}
