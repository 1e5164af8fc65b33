// A plain loop over ClientWebSocket, of the shape published for the original: what
// one read into 4096 bytes gives is taken for a message.
using System;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

class Loop
{
    // mcs takes no async Main.
    static void Main()
    {
        Run().GetAwaiter().GetResult();
    }

    static async Task Run()
    {
        using (var ws = new ClientWebSocket())
        {
            await ws.ConnectAsync(new Uri("ws://localhost:8765"), CancellationToken.None);
            Console.WriteLine("Connected");

            var buffer = new byte[4096];
            while (ws.State == WebSocketState.Open)
            {
                var result = await ws.ReceiveAsync(new ArraySegment<byte>(buffer),
                    CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                    break;
                Console.WriteLine("Received: " +
                    Encoding.UTF8.GetString(buffer, 0, result.Count));
            }
        }
    }
}
