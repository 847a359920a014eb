package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Secret is the current value of the secret with that ARN or name, text or
// binary. No error shows any of it.
func (a *Account) Secret(ctx context.Context, id string) ([]byte, error) {
	out, err := secretsmanager.NewFromConfig(a.config).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read secret %s: %w", id, err)
	case out.SecretString != nil:
		return []byte(*out.SecretString), nil
	}
	return out.SecretBinary, nil
}
