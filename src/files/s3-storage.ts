import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { S3Place, Storage } from './storage.js';

/** Contents as objects of an S3-compatible service. The library is loaded only where such a service is configured. */
export async function s3Storage({ bucket, region, endpoint, accessKey, secretKey }: S3Place): Promise<Storage> {
  const { S3Client, PutObjectCommand, GetObjectCommand, DeleteObjectCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({
    region,
    // services of one's own seldom have a host name for each bucket, nor today's checksums
    ...(endpoint && {
      endpoint,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    ...(accessKey && secretKey && { credentials: { accessKeyId: accessKey, secretAccessKey: secretKey } }),
  });
  return {
    async keep(key, { path, bytes, mediaType }) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: createReadStream(path),
          ContentLength: bytes,
          ContentType: mediaType,
        }),
      );
    },
    async read(key, range) {
      const { Body } = await client.send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(range && { Range: `bytes=${range.start}-${range.end}` }),
        }),
      );
      return Body as Readable;
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    },
  };
}
