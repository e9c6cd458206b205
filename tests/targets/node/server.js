// The same as goserver by Node: node server.js PORT FOLDER.
'use strict';
const fs = require('fs');
const http = require('http');

const [port, folder] = process.argv.slice(2);
const words = folder + '/words.txt';
const size = fs.statSync(words).size;

function inChunks(response) {
  const text = fs.readFileSync(words);
  for (let at = 0; at < text.length; at += 10000) response.write(text.subarray(at, at + 10000));
  response.end();
  return size;
}

function ofFile(request, response) {
  response.setHeader('Content-Length', size);
  if (request.method === 'HEAD') {
    response.end();
  } else {
    fs.createReadStream(words).pipe(response);
  }
  return size;
}

function withText(response, status, text) {
  response.statusCode = status;
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
  return Buffer.byteLength(text);
}

function answer(request, response) {
  switch (request.url.split(/[/?]/)[1]) {
    case 't': return withText(response, 200, 'A small text.\n');
    case 'big': return ofFile(request, response);
    case 'c': return inChunks(response);
    case 'e': return withText(response, 200, 'thanks\n');
    default: return withText(response, 404, 'no such thing\n');
  }
}

const server = http.createServer((request, response) => {
  const peer = request.socket.remoteAddress + ':' + request.socket.remotePort;
  const finish = () => {
    const size = answer(request, response);
    response.on('finish', () => {
      const bytes = request.method === 'HEAD' ? 0 : size;
      fs.writeSync(1, `log\t${peer}\t${request.method} ${request.url} HTTP/1.1\t${response.statusCode}\t${bytes}\n`);
    });
  };
  request.on('end', finish);
  request.resume();
});
server.httpAllowHalfOpen = true;
server.keepAliveTimeout = 60000;
server.listen(Number(port), '127.0.0.1');
