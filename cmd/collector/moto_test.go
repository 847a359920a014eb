//go:build moto

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/internal/emulator"
	"github.com/devo-s3/collector/local"
)

// TestMotoCases runs the cases against an emulator that is not ours. moto does
// not check a role's trust, external id or permissions, and it knows no
// event-source mapping without docker: those are tested on the embedded account.
func TestMotoCases(t *testing.T) { testCases(t, moto(t)) }

// moto is a site on https://github.com/getmoto/moto, from `make test`'s
// virtual environment.
func moto(t *testing.T) *site {
	t.Helper()
	endpoint := emulator.Moto(t, filepath.Join("..", ".."))
	config := aws.Config{
		Region: stack.Region, BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	ctx := t.Context()
	s := &site{queueARN: "arn:aws:sqs:" + stack.Region + ":" + stack.CustomerAccount + ":devo-s3-acme", bucket: "acme-logs"}

	bucket := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	must(bucket.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket:                    &s.bucket,
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: stack.Region},
	}))
	s.put = func(key string, body []byte) error {
		_, err := bucket.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(body)})
		return err
	}
	must(dynamodb.NewFromConfig(config).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(stack.LedgerTable), BillingMode: dynamotypes.BillingModePayPerRequest,
		KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: dynamotypes.KeyTypeHash}},
		AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: dynamotypes.ScalarAttributeTypeS}},
	}))
	authority := must(local.NewAuthority())
	cert, key, err := authority.Client("acme")
	if err != nil {
		t.Fatal(err)
	}
	secret := must(json.Marshal(map[string]string{"cert": string(cert), "key": string(key), "chain": string(authority.Chain)}))
	must(secretsmanager.NewFromConfig(config).CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: aws.String(stack.SecretName), SecretString: aws.String(string(secret)),
	}))
	receiver := must(local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: s.received, Behave: s.behaviour}))
	t.Cleanup(func() { _ = receiver.Close() })

	k := &stack.Stack{Dir: t.TempDir(), Receiver: receiver, Feeds: []*stack.Feed{{Bucket: s.bucket, Via: local.ViaSQS, ARN: s.queueARN, Services: caseServices}}}
	file := must(k.WriteDeployment())
	s.function = must(local.StartFunction(local.FunctionOptions{
		Bootstrap: bootstrap, Timeout: stack.FunctionTimeout, Log: s.line, Processes: 2,
		Env: stack.Env(file, endpoint, local.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}),
	}))
	t.Cleanup(s.function.Close)
	return s
}
